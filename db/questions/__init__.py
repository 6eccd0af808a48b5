"""Plain questions: what people ask, in words of English or Korean, and about which projects."""
