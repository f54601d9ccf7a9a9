"""Keras' layers that torch.nn lacks, as torch modules. The source files import only torch.

Exported source contains copies of the classes and functions, without imports of this project.
"""

from engine.runtime.nn_extras.activations import LearnedLeak as LearnedLeak
from engine.runtime.nn_extras.attention import Attention as Attention
from engine.runtime.nn_extras.attention import MultiHeadAttention as MultiHeadAttention
from engine.runtime.nn_extras.augmentation import RandomContrast as RandomContrast
from engine.runtime.nn_extras.augmentation import RandomFlip as RandomFlip
from engine.runtime.nn_extras.augmentation import RandomRotation as RandomRotation
from engine.runtime.nn_extras.augmentation import RandomTranslation as RandomTranslation
from engine.runtime.nn_extras.augmentation import RandomZoom as RandomZoom
from engine.runtime.nn_extras.bidirectional import Bidirectional as Bidirectional
from engine.runtime.nn_extras.conv import SamePad as SamePad
from engine.runtime.nn_extras.conv import StridedConv1d as StridedConv1d
from engine.runtime.nn_extras.conv import StridedConv2d as StridedConv2d
from engine.runtime.nn_extras.conv import UnpaddedAverage as UnpaddedAverage
from engine.runtime.nn_extras.dot import BatchDot as BatchDot
from engine.runtime.nn_extras.noise import GaussianNoise as GaussianNoise
from engine.runtime.nn_extras.noise import SharedDropout as SharedDropout
from engine.runtime.nn_extras.norm import AxesNorm as AxesNorm
from engine.runtime.nn_extras.norm import BatchNorm as BatchNorm
from engine.runtime.nn_extras.numeric_embeddings import FeatureTokenizer as FeatureTokenizer
from engine.runtime.nn_extras.numeric_embeddings import PeriodicEmbedding as PeriodicEmbedding
from engine.runtime.nn_extras.recurrent import GRU as GRU
from engine.runtime.nn_extras.recurrent import LSTM as LSTM
from engine.runtime.nn_extras.recurrent import SimpleRNN as SimpleRNN
