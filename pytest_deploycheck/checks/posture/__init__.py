"""What a deployment shows to whoever comes by: headers, origins, errors, pages that should be closed."""
