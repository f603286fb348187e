# What readline keeps of bindings and of the history, without a terminal.
import os
import readline
import tempfile

readline.clear_history()
for line in ('"\\C-x\\C-r": re-read-init-file', 'Control-a: "macro"', 'tab: complete', 'set completion-ignore-case on', '# a comment', '$if mode=emacs',
             '"\\M-x', ':', '"":', 'nonsense', 'Meta-Rubout: backward-kill-word'):
    print(readline.parse_and_bind(line))
with tempfile.TemporaryDirectory() as folder:
    name = os.path.join(folder, 'inputrc')
    with open(name, 'w') as file:
        file.write('$if python\nset history-size 3\n$else\nset history-size 1\n$endif\n')
    print(readline.read_init_file(name))
    for i in range(6):
        readline.add_history(f'line {i}')
    print(readline.get_current_history_length())
    try:
        readline.read_init_file(os.path.join(folder, 'none'))
    except OSError as error:
        print(type(error).__name__)
