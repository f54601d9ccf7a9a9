"""Posts: a network exported by Layerloom."""

import torch
from torch import nn


class Posts(nn.Module):
    """Takes
        posts: (batch, posts) int32
    and returns a dict of
        age: (batch, 1)
        income: (batch, 10)
        gender: (batch, 1)
    """

    def __init__(self):
        super().__init__()
        self.words = nn.Embedding(50000, 256)
        self.conv = nn.Conv1d(256, 128, 5)
        self.pool = nn.MaxPool1d(5)
        self.conv_2 = nn.Conv1d(128, 256, 5)
        self.conv_3 = nn.Conv1d(256, 256, 5)
        self.features = nn.Linear(256, 128)
        self.age_head = nn.Linear(128, 1)
        self.income_head = nn.Linear(128, 10)
        self.gender_head = nn.Linear(128, 1)

    def logits(self, posts):
        """Return the inputs of the losses: logits where a loss applies softmax or sigmoid."""
        words = self.words(posts)
        conv = torch.relu(self.conv(words.mT).mT)
        pool = self.pool(conv.mT).mT
        conv_2 = torch.relu(self.conv_2(pool.mT).mT)
        conv_3 = torch.relu(self.conv_3(conv_2.mT).mT)
        peak = torch.amax(conv_3, 1)
        features = torch.relu(self.features(peak))
        age_head = self.age_head(features)
        income_head = self.income_head(features)
        gender_head = self.gender_head(features)
        return {"age": age_head, "income": income_head, "gender": gender_head}

    def forward(self, posts):
        raw = self.logits(posts)
        return {
            "age": raw["age"],
            "income": torch.softmax(raw["income"], -1),
            "gender": torch.sigmoid(raw["gender"]),
        }
