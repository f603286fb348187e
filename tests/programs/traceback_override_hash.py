class Key:
    def __eq__(self, other):
        return True


print(Key() == 3)
{Key(): 1}
