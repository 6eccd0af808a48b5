def test_x(database):
    with database.reading() as s:
        assert s
