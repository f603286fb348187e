from docutils.core import publish_string, publish_parts, publish_doctree
text = """
Title
=====

:Author: me

A *b* **c** ``d`` `link <http://x.test>`_ and |sub|.

.. |sub| replace:: text

* one
* two

===== =====
a     b
===== =====
1     2
===== =====

.. note:: Careful

.. code:: python

   x = 1

.. _t:

Section
-------
Refers to t_ and [1]_.

.. [1] note
"""
print(publish_parts(text, writer="html5", settings_overrides={"report_level": 5})["html_body"])
print(publish_doctree(text).pformat())
print(publish_string("*bad", writer="pseudoxml", settings_overrides={"report_level": 5}).decode())
print(publish_string("A *b*.", writer="xml").decode())
print(publish_string("A *b*.", writer="latex").decode()[-120:])
