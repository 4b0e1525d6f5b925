"""EnCodec at 16 kHz: wave in, tokens out, and back."""
