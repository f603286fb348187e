people = [{"name": "Ada", "age": 36}, {"name": "Bob"}]
print(sorted(people, key=lambda person: person["age"]))
