"""Takes made on a Ray cluster: actors that hold the model, and a supervisor that holds none."""
