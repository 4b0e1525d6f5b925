"""The language model one step at a time: static caches, weights in fp32, bf16 or int8, several takes at once."""
