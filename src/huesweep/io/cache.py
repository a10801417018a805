"""The folders within paths.cache, one for each kind of thing that is kept so that it is made once."""

PACKS = "packs"  # pictures, decoded
FITS = "fits"  # of targets to pictures
BASELINES = "baselines"  # scores of what needs no network
FEATURES = "features"  # of encoders, for classifiers
FINGERPRINTS = "fingerprints"  # of folders and files
TABLES = "tables"  # of each color's nearest one in a palette
MAPS = "maps"  # of frozen encoders, the largest by far
BESIDE_PACKS = (FITS, BASELINES, FEATURES, FINGERPRINTS, TABLES, MAPS)
