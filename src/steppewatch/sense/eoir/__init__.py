"""Cameras, visible and infrared: what class of object can be told at what range.

Detection, recognition and identification of object **class** only; nobody is identified.
"""

from steppewatch.sense.eoir.air import Weather
from steppewatch.sense.eoir.camera import Band, CameraDesign
from steppewatch.sense.eoir.library import CAMERAS, camera_design, load_camera
from steppewatch.sense.eoir.look import CameraLook, Conditions, camera_look, range_of
from steppewatch.sense.eoir.signature import SIGNATURES, Signature, signature
from steppewatch.sense.eoir.task import Task

__all__ = [
    "CAMERAS",
    "SIGNATURES",
    "Band",
    "CameraDesign",
    "CameraLook",
    "Conditions",
    "Signature",
    "Task",
    "Weather",
    "camera_design",
    "camera_look",
    "load_camera",
    "range_of",
    "signature",
]
