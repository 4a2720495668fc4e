from ahadi.desk.models.picture import Picture
from ahadi.desk.models.saved_search import SavedSearch
from ahadi.desk.models.sketch import Sketch

__all__ = ["Picture", "SavedSearch", "Sketch"]
