"""Makes the parity cases beside this file: tiny random checkpoints, and what transformers computes on them.

    python make.py            # torch 2.13, transformers 5.18, CPU

Each folder holds a checkpoint written by save_pretrained and expected.json: rows of tokens, which are trained, a
temperature, log-probability and entropy of each trained token in fp32, and in fp64 the gradient of

    L = sum_i dlogp_i ln pi_i + dentropy_i H_i

(coefficients given) as norm and first eight entries of every tensor of the checkpoint, by autograd on full logits; greedy
continuations of the rows; and under "long" a prompt of 90 tokens, beyond every window and stretched position, with its
greedy continuation. Mixtures of experts have under "replay" the same numbers with other experts than the router's:
"routes" holds them, [row][position][layer][k]; those of dense layers are zeros.
"""
import json, pathlib, sys, torch
from transformers import (AutoModelForCausalLM, LlamaConfig, Qwen2Config, Qwen3Config, MistralConfig, Gemma2Config,
                          Qwen3MoeConfig)

HERE = pathlib.Path(__file__).parent
SMALL = dict(vocab_size=61, hidden_size=32, intermediate_size=48, num_hidden_layers=2, num_attention_heads=4,
             num_key_value_heads=2, max_position_embeddings=512, bos_token_id=1, eos_token_id=2)
CASES = {
    "llama": LlamaConfig(**SMALL, tie_word_embeddings=False),
    "llama-bias-tied": LlamaConfig(**SMALL, tie_word_embeddings=True, attention_bias=True),
    "llama3-rope": LlamaConfig(**SMALL, rope_parameters={
        "rope_type": "llama3", "rope_theta": 500000.0, "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
        "original_max_position_embeddings": 64}),
    "qwen2": Qwen2Config(**SMALL, tie_word_embeddings=True),
    "qwen3": Qwen3Config(**SMALL, head_dim=16, tie_word_embeddings=True),
    "qwen3-bias": Qwen3Config(**SMALL, head_dim=8, attention_bias=True),
    "mistral": MistralConfig(**SMALL, sliding_window=8),
    # padding_idx would hide the gradient of one row of the embedding
    "gemma2": Gemma2Config(**SMALL, head_dim=16, query_pre_attn_scalar=24, sliding_window=8, pad_token_id=None),
    "smollm2": LlamaConfig(**SMALL | dict(hidden_size=36, num_attention_heads=9, num_key_value_heads=3),
                           rope_parameters={"rope_type": "default", "rope_theta": 100000.0}, tie_word_embeddings=True),
    "qwen3-moe": Qwen3MoeConfig(**SMALL, head_dim=16, moe_intermediate_size=24, num_experts=6, num_experts_per_tok=2,
                                norm_topk_prob=True),
    "qwen3-moe-raw": Qwen3MoeConfig(**SMALL, head_dim=16, moe_intermediate_size=24, num_experts=6, num_experts_per_tok=3,
                                    norm_topk_prob=False),
    "llama-mlp-bias": LlamaConfig(**SMALL, attention_bias=True, mlp_bias=True),
    "gemma2-bias": Gemma2Config(**SMALL, head_dim=16, query_pre_attn_scalar=24, sliding_window=8, pad_token_id=None, attention_bias=True),
    "qwen3-moe-mixed": Qwen3MoeConfig(**SMALL | dict(num_hidden_layers=4), head_dim=16, moe_intermediate_size=24, num_experts=6,
                                      num_experts_per_tok=2, norm_topk_prob=True, decoder_sparse_step=2, mlp_only_layers=[3]),
}


def scores(model, rows, trained, temperature):
    logp, entropy = [], []
    for tokens, marks in zip(rows, trained):
        logits = model(input_ids=torch.tensor([tokens])).logits[0] / temperature
        ls = torch.log_softmax(logits.to(torch.promote_types(logits.dtype, torch.float32)), -1)
        for t, mark in enumerate(marks):
            if mark:
                logp.append(ls[t - 1, tokens[t]])
                entropy.append(-(ls[t - 1].exp() * ls[t - 1]).sum())
    return torch.stack(logp), torch.stack(entropy)


def make(name, config):
    torch.manual_seed(7)
    config._attn_implementation = "eager"
    model = AutoModelForCausalLM.from_config(config, attn_implementation="eager", experts_implementation="eager",
                                             dtype=torch.float32).eval()
    with torch.no_grad():  # far from the neutral start: norms and biases matter, logits are spread
        for parameter in model.parameters():
            parameter.add_(torch.randn_like(parameter) * (0.3 if parameter.dim() == 1 else 0.15))
    folder = HERE / name
    model.save_pretrained(folder)
    generator = torch.Generator().manual_seed(3)
    rows, trained = [], []
    for length, prompt in ((21, 5), (9, 3), (34, 10), (2, 1), (17, 16)):
        rows.append(torch.randint(0, config.vocab_size, (length,), generator=generator).tolist())
        trained.append([t >= prompt and (t % 5 != 0 or t == prompt) for t in range(length)])
    temperature = 0.7
    with torch.no_grad():
        logp, entropy = scores(model, rows, trained, temperature)
        greedy = [continued(model, row, 12) for row in rows]
        prompt = torch.randint(0, config.vocab_size, (90,), generator=torch.Generator().manual_seed(5)).tolist()
        long = {"prompt": prompt, "greedy": continued(model, prompt, 40)}
    dlogp = torch.randn(len(logp), generator=generator, dtype=torch.float64)
    dentropy = torch.randn(len(logp), generator=generator, dtype=torch.float64) * 0.3
    model = model.double()
    gradients = differentiated(model, rows, trained, temperature, dlogp, dentropy)
    replay = {} if "moe" not in name else {"replay": replayed(model, rows, trained, temperature, dlogp, dentropy)}
    json.dump(replay | {"long": long, "tokens": rows, "trained": trained, "temperature": temperature, "logp": logp.tolist(),
               "entropy": entropy.tolist(), "greedy": greedy, "dlogp": dlogp.tolist(), "dentropy": dentropy.tolist(),
               "gradients": gradients[2]}, open(folder / "expected.json", "w"))
    print(name, sum(p.numel() for p in model.parameters()), logp[:3].tolist())


def continued(model, row, count):
    # The mask is given because transformers otherwise hides every token of the prompt that equals the padding.
    return model.generate(torch.tensor([row]), attention_mask=torch.ones(1, len(row)), max_new_tokens=count,
                          do_sample=False, eos_token_id=None, pad_token_id=0)[0, len(row):].tolist()


def differentiated(model, rows, trained, temperature, dlogp, dentropy):
    model.zero_grad()
    logp, entropy = scores(model, rows, trained, temperature)
    ((dlogp * logp).sum() + (dentropy * entropy).sum()).backward()
    gradients = {}
    for tensor, value in gradient_tensors(model):
        gradients[tensor] = {"norm": value.norm().item(), "head": value.flatten()[:8].tolist()}
    return logp.tolist(), entropy.tolist(), gradients


def replayed(model, rows, trained, temperature, dlogp, dentropy):
    """The same with experts drawn at random: gates are the softmax of the current router over the given experts."""
    generator = torch.Generator().manual_seed(11)
    layers, k = model.config.num_hidden_layers, model.config.num_experts_per_tok
    routed = [i for i, layer in enumerate(model.model.layers) if hasattr(layer.mlp, "gate")]
    routes = [[[torch.randperm(model.config.num_local_experts, generator=generator)[:k].tolist() if i in routed else [0] * k
                for i in range(layers)] for _ in row] for row in rows]
    routers = [model.model.layers[i].mlp.gate for i in routed]
    usual = [router.forward for router in routers]
    row = [0]

    def forward(index, hidden_states):
        self = routers[index]
        logits = torch.nn.functional.linear(hidden_states.reshape(-1, self.hidden_dim), self.weight)
        chosen = torch.tensor([position[routed[index]] for position in routes[row[0]]])
        gates = torch.softmax(logits, -1).gather(1, chosen)
        return logits, gates / gates.sum(-1, keepdim=True) if self.norm_topk_prob else gates, chosen

    def next_row(*_):
        row[0] += 1

    for i, router in enumerate(routers):
        router.forward = lambda hidden_states, i=i: forward(i, hidden_states)
    hook = model.register_forward_hook(next_row)
    logp, entropy, gradients = differentiated(model, rows, trained, temperature, dlogp, dentropy)
    hook.remove()
    for router, forward in zip(routers, usual):
        router.forward = forward
    return {"routes": routes, "logp": logp, "entropy": entropy, "gradients": gradients}


def gradient_tensors(model):
    """Gradients under the names of the checkpoint: transformers 5 keeps the experts of a layer in one parameter."""
    for tensor, parameter in model.named_parameters():
        if tensor.endswith("experts.gate_up_proj"):
            half = parameter.shape[1] // 2
            for e in range(parameter.shape[0]):
                yield tensor.replace("gate_up_proj", f"{e}.gate_proj.weight"), parameter.grad[e, :half]
                yield tensor.replace("gate_up_proj", f"{e}.up_proj.weight"), parameter.grad[e, half:]
        elif tensor.endswith("experts.down_proj"):
            for e in range(parameter.shape[0]):
                yield tensor.replace("down_proj", f"{e}.down_proj.weight"), parameter.grad[e]
        else:
            yield tensor, parameter.grad


if __name__ == "__main__":
    for name in sys.argv[1:] or CASES:
        make(name, CASES[name])
