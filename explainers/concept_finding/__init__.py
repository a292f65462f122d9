"""What finders of concepts share: segments of faces, their features, clusters, directions."""
