"""Many detections, one truth: gate, associate, filter, initiate, score."""
