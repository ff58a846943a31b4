"""Reads exported event files with TensorBoard's own readers, and prints what they find.

usage: read_tensorboard.py FOLDER

Of each run (a folder with event files) and tag: the scalars as the scalars dashboard has them, which takes both of the ways to
store one; then those that readers of `simple_value` alone find; then the params that the hparams dashboard shows, and what the
dashboards of histograms, texts and images do.
"""

import hashlib
import os
import sys

from tensorboard.backend.event_processing import event_accumulator, plugin_event_accumulator
from tensorboard.plugins.hparams import metadata
from tensorboard.util import tensor_util

import points

root = sys.argv[1]
everything = {"scalars": 0, "tensors": 0}
unlimited = {plugin: 0 for plugin in ("scalars", "hparams", "histograms", "text", "images")}
for folder, folders, files in sorted(os.walk(root)):
    if not files:
        continue
    run = os.path.relpath(folder, root)
    reader = plugin_event_accumulator.EventAccumulator(folder, tensor_size_guidance=unlimited)
    reader.Reload()
    for tag in sorted(reader.PluginTagToContent("scalars") if "scalars" in reader.ActivePlugins() else []):
        for event in reader.Tensors(tag):
            value = tensor_util.make_ndarray(event.tensor_proto)
            assert value.shape == ()
            points.put("scalar", run, tag, event.step, points.bits(event.wall_time), points.bits(value.item()))
    for plugin in ("histograms", "text", "images"):
        for tag in sorted(reader.PluginTagToContent(plugin) if plugin in reader.ActivePlugins() else []):
            for event in reader.Tensors(tag):
                value = tensor_util.make_ndarray(event.tensor_proto)
                cells = value.flatten().tolist()
                if plugin == "histograms":
                    cells = [points.bits(cell) for cell in cells]
                elif plugin == "text":
                    cells = [cell.decode() for cell in cells]
                else:
                    cells = [cells[0].decode(), cells[1].decode(), hashlib.sha256(cells[2]).hexdigest()]
                points.put(plugin, run, tag, event.step, points.bits(event.wall_time), list(value.shape), cells)
    if "hparams" in reader.ActivePlugins():
        content = reader.PluginTagToContent("hparams")
        start = metadata.parse_session_start_info_plugin_data(content[metadata.SESSION_START_INFO_TAG])
        end = metadata.parse_session_end_info_plugin_data(content[metadata.SESSION_END_INFO_TAG])
        for key in sorted(start.hparams):
            value = start.hparams[key]
            kind = value.WhichOneof("kind")
            shown = points.bits(value.number_value) if kind == "number_value" else getattr(value, kind)
            points.put("param", run, key, kind, shown)
        points.put("end", run, end.status)
    legacy = event_accumulator.EventAccumulator(folder, size_guidance=everything)
    legacy.Reload()
    for tag in sorted(legacy.Tags()["scalars"]):
        points.put("simple", run, tag, len(legacy.Scalars(tag)))
