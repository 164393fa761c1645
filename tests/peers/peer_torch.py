# SPDX-License-Identifier: MIT
"""Growing NCA in PyTorch as it is commonly written: depthwise perception, 1×1 convolutions."""
import logging
import os

import torch
import torch.nn.functional as F

import works

DEVICE = torch.device("cuda" if works.on_gpu() else "cpu")


def alive(x):
    return F.max_pool2d(x[:, 3:4], 3, 1, 1) > 0.1


class Rule(torch.nn.Module):
    def __init__(self):
        super().__init__()
        w1, b1, w2, b2 = (torch.from_numpy(w) for w in works.weights())
        # Grouped convolution gives channel·3 + band; the weights are in the order band·16 + channel.
        w1 = w1.reshape(works.BANDS, works.CHANNELS, -1).transpose(0, 1).reshape(w1.shape)
        self.w1 = torch.nn.Parameter(w1.T.contiguous()[:, :, None, None])
        self.b1 = torch.nn.Parameter(b1)
        self.w2 = torch.nn.Parameter(w2.T.contiguous()[:, :, None, None])
        self.b2 = torch.nn.Parameter(b2)
        kernel = torch.from_numpy(works.sobel_kernels())[:, None].repeat(works.CHANNELS, 1, 1, 1)
        self.register_buffer("kernel", kernel)

    def forward(self, x):
        before = alive(x)
        y = F.conv2d(x, self.kernel, padding=1, groups=works.CHANNELS)
        dx = F.conv2d(F.relu(F.conv2d(y, self.w1, self.b1)), self.w2, self.b2)
        fire = torch.rand(x.shape[0], 1, *x.shape[2:], device=x.device) <= 0.5
        x = x + dx * fire
        return x * (before & alive(x))


def prepared(state, layout, compiled):
    torch.set_num_threads(os.cpu_count())
    rule = Rule().to(DEVICE, memory_format=layout)
    x = torch.from_numpy(state).to(DEVICE).permute(0, 3, 1, 2).contiguous(memory_format=layout)
    if not compiled:
        return rule, rule, x
    torch._dynamo.reset()
    return rule, torch.compile(rule), x


def wait():
    if works.on_gpu():
        torch.cuda.synchronize()


def steps(layout, compiled):
    def make(states, count):
        _, run, x = prepared(states, layout, compiled)

        @torch.inference_mode()
        def once():
            y = x
            for _ in range(count):
                y = run(y)
            wait()
        return once
    return make


def train(layout, compiled):
    def make(batch):
        rule, run, x = prepared(batch, layout, compiled)
        target = torch.zeros_like(x[:, :4])
        adam = torch.optim.Adam(rule.parameters(), lr=0.0, eps=1e-7)

        def once():
            y = x
            for _ in range(works.STEPS):
                y = run(y)
            loss = F.mse_loss(y[:, :4], target)
            adam.zero_grad()
            loss.backward()
            for p in rule.parameters():
                p.grad /= p.grad.norm() + 1e-8
            adam.step()
            wait()
        return once
    return make


VARIANTS = {
    "eager": (torch.contiguous_format, False),
    "eager channels-last": (torch.channels_last, False),
}
if hasattr(torch, "compile"):
    VARIANTS["compiled"] = torch.contiguous_format, True
    VARIANTS["compiled channels-last"] = torch.channels_last, True

if __name__ == "__main__":
    logging.disable(logging.WARNING)
    works.main("PyTorch " + torch.__version__,
               {name: steps(*v) for name, v in VARIANTS.items()},
               {name: train(*v) for name, v in VARIANTS.items()})
