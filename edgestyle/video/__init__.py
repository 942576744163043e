"""Videos: decode, redraw every frame, encode. Needs PyAV, the extra `video`; knows nothing of packs and networks."""
