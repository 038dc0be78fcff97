"""Running the network: engine, backends, threads and batches."""
