"""Conversion of images to PNG, and of drawing functions to SVG."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QRect, QSize
from PySide6.QtGui import QColor, QImage, QPainter

from engine.core.diagnostic import diagnostic_error


def encode_png(image: QImage) -> bytes:
    """Return an image as the bytes of a PNG file.

    Raises:
        DiagnosticError: if there is not enough memory.
    """
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    if image.isNull() or not image.save(buffer, "PNG"):  # type: ignore[call-overload]
        raise diagnostic_error(
            "out-of-memory",
            "the image could not be created",
            "Use a smaller scale, or save it as SVG.",
            found=f"{image.width()} x {image.height()} pixels",
            expected="an image that fits into memory",
        )
    return bytes(buffer.data().data())


def paint_svg(
    size: QSize, title: str, background: QColor, paint: Callable[[QPainter], object]
) -> bytes:
    """Return the bytes of an SVG file with the content that `paint` draws; `size` is in pixels."""
    # Imported here because SVG export is rare.
    from PySide6.QtSvg import QSvgGenerator

    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    generator = QSvgGenerator()
    generator.setOutputDevice(buffer)
    generator.setSize(size)
    generator.setViewBox(QRect(0, 0, size.width(), size.height()))
    generator.setTitle(title)
    painter = QPainter(generator)
    painter.fillRect(QRect(0, 0, size.width(), size.height()), background)
    paint(painter)
    painter.end()
    buffer.close()
    return bytes(data.data())
