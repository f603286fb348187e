class Money:
    def __init__(self, amount, currency):
        self.amount, self.currency = amount, currency

    def __lt__(self, other):
        if self.currency != other.currency:
            raise ValueError(f"{self.currency} and {other.currency} do not compare")
        return self.amount < other.amount


print(min(Money(2, "EUR"), Money(1, "EUR")).amount)
sorted([Money(2, "EUR"), Money(1, "USD")])
