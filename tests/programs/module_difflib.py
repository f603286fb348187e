import difflib

a = "one two three four five six".split()
b = "one 2 three four 5 six seven".split()
print("\n".join(difflib.unified_diff(a, b, "old", "new", lineterm="", n=1)))
print("\n".join(difflib.context_diff(a, b, "old", "new", lineterm="")))
print("\n".join(difflib.ndiff(["private static\n", "same\n"], ["public static\n", "same\n"])))
matcher = difflib.SequenceMatcher(None, "qabxcd", "abycdf")
print(matcher.get_opcodes(), round(matcher.ratio(), 4), matcher.quick_ratio(), matcher.get_matching_blocks())
print(difflib.get_close_matches("appel", ["ape", "apple", "peach", "puppy"]), difflib.get_close_matches("x", ["y"]))
delta = list(difflib.ndiff(a, b))
print(list(difflib.restore(delta, 1)) == a, list(difflib.restore(delta, 2)) == b)
print(difflib.SequenceMatcher(lambda c: c == " ", " abcd", "abcd abcd").find_longest_match())
print(len(difflib.HtmlDiff().make_table(a, b)) > 500)
