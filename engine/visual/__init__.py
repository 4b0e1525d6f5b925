"""Visual encoders and the spotter."""

import os

# open_clip, timm and transformers would ask the Hugging Face hub for what they miss, again and again where it does
# not answer; nothing here may open a connection unasked. The hub's client reads this when it is imported.
os.environ["HF_HUB_OFFLINE"] = "1"
