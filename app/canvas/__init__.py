"""The picture of the document: NodeGraphQt's view, our items, our gestures."""
