"""Modules that torch.nn lacks. Exported source pastes them, so each stands on torch alone."""

from engine.runtime.extras.attention import Attention as Attention
from engine.runtime.extras.attention import MultiHeadAttention as MultiHeadAttention
from engine.runtime.extras.augment import RandomContrast as RandomContrast
from engine.runtime.extras.augment import RandomFlip as RandomFlip
from engine.runtime.extras.augment import RandomRotation as RandomRotation
from engine.runtime.extras.augment import RandomTranslation as RandomTranslation
from engine.runtime.extras.augment import RandomZoom as RandomZoom
from engine.runtime.extras.bidirectional import Bidirectional as Bidirectional
from engine.runtime.extras.conv import SamePad as SamePad
from engine.runtime.extras.conv import UnpaddedAverage as UnpaddedAverage
from engine.runtime.extras.dot import BatchDot as BatchDot
from engine.runtime.extras.leaky import LearnedLeak as LearnedLeak
from engine.runtime.extras.noise import GaussianNoise as GaussianNoise
from engine.runtime.extras.noise import SharedDropout as SharedDropout
from engine.runtime.extras.norm import AxesNorm as AxesNorm
from engine.runtime.extras.norm import BatchNorm as BatchNorm
from engine.runtime.extras.recurrent import GRU as GRU
from engine.runtime.extras.recurrent import LSTM as LSTM
from engine.runtime.extras.recurrent import SimpleRNN as SimpleRNN
