"""Pages that need no network: charts as SVG, tables, one HTML file. For `bench` and `simulate`."""
