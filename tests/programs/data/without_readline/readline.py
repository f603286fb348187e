raise ImportError("the plain prompt is wanted")
