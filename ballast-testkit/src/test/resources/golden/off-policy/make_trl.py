"""Golden cases of deepseek-v3.2 from TRL's own loss: GRPOTrainer._compute_loss (trl 1.13.0) with its off-policy mask and bias-corrected KL.

The trainer is a stand-in that holds the settings and hands over given log-probabilities; the loss is TRL's code, the gradient autograd's,
both in doubles. Run it from this folder (python make_trl.py) where trl is installed.
"""
import json
from collections import defaultdict
from types import SimpleNamespace

import torch
from trl.trainer.grpo_trainer import GRPOTrainer

from make import draw

torch.set_default_dtype(torch.float64)


def pad(sequences, name, width):
    return torch.tensor([list(s[name]) + [0.0] * (width - len(s[name])) for s in sequences])


class StandIn:
    get_off_policy_mask = staticmethod(GRPOTrainer.get_off_policy_mask)

    def __init__(self, logp, settings):
        self.logp = logp
        self.top_entropy_quantile = 1.0
        self.off_policy_mask_threshold = settings["off-policy-mask"]
        self.importance_sampling_level = "token"
        self.beta = settings["kl-coefficient"]
        self.args = SimpleNamespace(use_bias_correction_kl=True, delta=None, steps_per_generation=1)
        self.loss_type = "grpo"
        self.epsilon_low, self.epsilon_high = settings["clip-low"], settings["clip-high"]
        self.use_vllm = False
        self.vllm_importance_sampling_correction = False
        self.model = SimpleNamespace(training=True)
        self.current_gradient_accumulation_steps = 1
        self._entropy_bonus_enabled = False
        self.aux_loss_enabled = False
        self._metrics = {"train": defaultdict(list)}
        self.accelerator = SimpleNamespace(gather=lambda x: x, reduce=lambda x, reduction: x, num_processes=1)

    def _get_per_token_logps_and_entropies(self, *args, **kwargs):
        return self.logp, torch.zeros_like(self.logp), None


def main():
    for number, settings in enumerate((
            {"clip-low": 0.2, "clip-high": 0.2, "off-policy-mask": 0.1, "kl-coefficient": 0.05},
            {"clip-low": 0.1, "clip-high": 0.3, "off-policy-mask": 0.02, "kl-coefficient": 0.3}), 1):
        sequences = draw(2000 + number, 0.35, extra=("behaviourLogp", "refLogp"))
        width = max(len(s["logp"]) for s in sequences)
        mask = torch.tensor([[1.0] * len(s["logp"]) + [0.0] * (width - len(s["logp"])) for s in sequences])
        logp = pad(sequences, "logp", width).requires_grad_(True)
        ids = torch.zeros(len(sequences), width, dtype=torch.long)
        inputs = {"prompt_ids": ids[:, :1], "prompt_mask": ids[:, :1], "completion_ids": ids, "completion_mask": mask,
                  "advantages": torch.tensor([s["advantage"] for s in sequences]), "old_per_token_logps": pad(sequences, "oldLogp", width),
                  "sampling_per_token_logps": pad(sequences, "behaviourLogp", width), "ref_per_token_logps": pad(sequences, "refLogp", width)}
        loss = GRPOTrainer._compute_loss(StandIn(logp, settings), None, inputs)
        loss.backward()
        grad = [[float(logp.grad[i, t]) for t in range(len(s["logp"]))] for i, s in enumerate(sequences)]
        case = {"name": "trl-deepseek-v3.2-%d" % number, "source": "trl 1.13.0 GRPOTrainer._compute_loss, make_trl.py", "tolerance": 1e-9,
                "method": "deepseek-v3.2", "settings": settings, "sequences": sequences, "expected": {"loss": float(loss.detach()), "dlogp": grad}}
        with open(case["name"] + ".json", "w") as f:
            json.dump(case, f)
            f.write("\n")
        print(case["name"], float(loss.detach()))


if __name__ == "__main__":
    main()
