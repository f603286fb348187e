matrix = [[1, 2], [3, 4]]
i = j = 1
print(matrix[i][j])
print(matrix[i - 1][j + 1] + matrix[0][0])
