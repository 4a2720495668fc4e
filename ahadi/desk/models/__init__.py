from ahadi.desk.models.saved_search import SavedSearch

__all__ = ["SavedSearch"]
