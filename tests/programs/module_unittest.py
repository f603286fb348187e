import io
import sys
import unittest
from unittest import mock


class Tests(unittest.TestCase):
    @classmethod
    def setUpClass(cls): print("class set up")
    def setUp(self): self.addCleanup(print, "cleanup")
    def test_equal(self): self.assertEqual([1, 2], [1, 2])
    def test_fails(self): self.assertEqual({"a": 1}, {"a": 2})
    def test_error(self): raise KeyError("x")
    @unittest.skip("not now")
    def test_skipped(self): pass
    @unittest.expectedFailure
    def test_expected(self): self.fail("as expected")
    def test_parts(self):
        for i in range(3):
            with self.subTest(i=i):
                self.assertNotEqual(i, 1)
    def test_raises(self):
        with self.assertRaisesRegex(ValueError, "invalid") as caught:
            int("x")
        self.assertIn("literal", str(caught.exception))
        with self.assertWarns(UserWarning):
            import warnings
            warnings.warn("w")
        with self.assertLogs("app", "INFO") as logs:
            import logging
            logging.getLogger("app").info("message")
        self.assertEqual(logs.output, ["INFO:app:message"])
        self.assertAlmostEqual(0.1 + 0.2, 0.3)
        self.assertCountEqual([1, 2, 2], [2, 1, 2])


out = io.StringIO()
result = unittest.TextTestRunner(out, verbosity=2).run(unittest.defaultTestLoader.loadTestsFromTestCase(Tests))
lines = [line for line in out.getvalue().splitlines() if not line.startswith(("Ran", "  File", "    "))]
print("\n".join(lines))
print(result, result.testsRun, len(result.failures), result.wasSuccessful(), result.expectedFailures[0][0])
for bad in (lambda t: t.assertEqual("a\nb\n", "a\nc\n"), lambda t: t.assertIn(1, [2]), lambda t: t.assertTrue(0, "own words"), lambda t: t.assertIsNone(1), lambda t: t.assertLess(2, 1), lambda t: t.assertListEqual([1], [1, 2]), lambda t: t.assertRaises(ValueError, print), lambda t: t.assertIsInstance(1, str), lambda t: t.assertDictEqual({1: 2}, {1: 3}), lambda t: t.assertRegex("a", "b"), lambda t: t.assertSetEqual({1}, {2}), lambda t: t.assertHasAttr(1, "x"), lambda t: t.assertStartsWith("a", "b")):
    try:
        bad(Tests("test_equal"))
    except AssertionError as error:
        print(str(error).replace("\n", " | "))
m = mock.Mock(return_value=3, spec=["method", "attribute"], name="made")
m.method.side_effect = [1, ValueError("second")]
print(m(1, a=2), m.call_args, m.method("x"), m.mock_calls, m.called, m.call_count)
for bad in (lambda: m.method(), lambda: m.nope, lambda: m.assert_called_with(5), lambda: m.method.assert_called_once(), lambda: mock.create_autospec(lambda a: 0)(1, 2)):
    try:
        bad()
    except (ValueError, AttributeError, AssertionError, TypeError) as error:
        print(type(error).__name__, str(error).replace("\n", " | "))
with mock.patch("sys.platform", "made-up"), mock.patch.dict("os.environ", {"X": "1"}), mock.patch.object(io, "StringIO", autospec=True) as fake:
    import os
    print(sys.platform, os.environ["X"], isinstance(fake, mock.NonCallableMagicMock))
magic = mock.MagicMock()
magic.__len__.return_value = 5
print(len(magic), magic[1] is magic.__getitem__.return_value, mock.call(1).method(2), mock.ANY == 5, mock.sentinel.x, mock.mock_open(read_data="ab")().read())
