import statistics as st
from fractions import Fraction

data = [2.5, 3.25, 5.5, 11.25, 11.25, 1]
print(st.mean(data), st.fmean(data), st.fmean(data, weights=[1, 2, 3, 4, 5, 6]), st.median(data), st.median_low(data), st.median_high(data), st.median_grouped([1, 2, 2, 3]), st.mode(data), st.multimode("aabbc"))
print(st.stdev(data), st.pstdev(data), st.variance(data), st.pvariance(data), st.geometric_mean([1, 2, 4]), st.harmonic_mean([40, 60]), st.harmonic_mean([40, 60], weights=[5, 30]), st.quantiles(range(1, 11)), st.quantiles(data, n=3, method="inclusive"))
print(st.mean([Fraction(1, 3), Fraction(1, 6)]), st.mean([1, 2]), st.covariance([1, 2, 3], [1, 5, 7]), st.correlation([1, 2, 3], [3, 2, 1]), st.linear_regression([1, 2, 3], [2, 4, 6]), st.correlation([1, 2, 3, 4], [1, 4, 9, 16], method="ranked"))
n = st.NormalDist(100, 15)
print(n, n.pdf(100), n.cdf(115), n.inv_cdf(0.975), n.zscore(130), n.overlap(st.NormalDist(110, 15)), n.quantiles(4), n + 5, n * 2, n + st.NormalDist(1, 2), st.NormalDist.from_samples([1, 2, 3]), n.samples(2, seed=1))
print(st.kde([1, 2, 3], h=1)(2), st.median(["b", "a", "c"]) if False else st.mode(["b", "a", "b"]))
for bad in (lambda: st.mean([]), lambda: st.stdev([1]), lambda: st.median([]), lambda: st.mode([]), lambda: st.mean(["a"]), lambda: st.geometric_mean([0, -1]), lambda: st.quantiles([1], n=0), lambda: st.NormalDist(0, -1), lambda: st.correlation([1], [1]), lambda: st.linear_regression([1, 1], [1, 2])):
    try:
        print(bad())
    except (st.StatisticsError, TypeError) as error:
        print(type(error).__name__, error)
