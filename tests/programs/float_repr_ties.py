# The shortest text of a float: of two at the same distance the even one.
import random
R=random.Random(5)
for i in range(3000):
    k=R.randrange(0,8)
    x=R.randrange(2**52,2**53)/2**R.randrange(0,12) if k else float(R.randrange(2**53,2**70))
    if k==7: x=R.randrange(2**52,2**53)*2.0**R.randrange(-60,60)
    if k==6: x=R.randrange(1,2**40)/2**R.randrange(0,30)
    print(repr(x))
