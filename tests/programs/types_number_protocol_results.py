# What the number protocols accept from __int__, __index__, __float__ and __complex__.
import sys
for lim in (15,20,25,30,35):
    n=0
    class C:
        def __del__(self):
            global n
            n+=1
            if n<20000: C()
    u=[]
    sys.unraisablehook = lambda a: u.append(1)
    sys.setrecursionlimit(lim)
    try: C()
    except RecursionError: pass
    sys.setrecursionlimit(1000)
    print(lim,n,len(u))
