"""What is painted, for other programs: as a picture of dots, and as a drawing of lines."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QRect, QSize
from PySide6.QtGui import QColor, QImage, QPainter

from engine.core.diagnostic import Diagnostic, DiagnosticError, Fix


def png(image: QImage) -> bytes:
    """Return the file of a picture.

    Raises:
        Refused: there was no memory for it.
    """
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    if image.isNull() or not image.save(buffer, "PNG"):  # type: ignore[call-overload]
        raise DiagnosticError(
            Diagnostic(
                "out-of-memory",
                "the picture could not be made",
                found=f"{image.width()} x {image.height()} dots",
                expected="a picture that fits into memory",
                fixes=(Fix("Use a smaller scale, or save it as SVG."),),
            )
        )
    return bytes(buffer.data().data())


def svg(size: QSize, title: str, ground: QColor, paint: Callable[[QPainter], object]) -> bytes:
    """Return the file of a drawing.

    Args:
        size: in pixels.
        title: of the file.
        ground: the colour behind it.
        paint: draws it.
    """
    # Loaded here, since few ever ask for one.
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
    painter.fillRect(QRect(0, 0, size.width(), size.height()), ground)
    paint(painter)
    painter.end()
    buffer.close()
    return bytes(data.data())
