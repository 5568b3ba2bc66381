"""Writes NWB files in the layouts that labs use, with values that the tests know. The only argument is the folder for the files."""

import os
import shutil
import sys
import warnings
from datetime import datetime, timezone

import h5py
import numpy as np
from PIL import Image
from pynwb import NWBHDF5IO, NWBFile, TimeSeries
from pynwb.base import ImageReferences, Images
from pynwb.behavior import EyeTracking, PupilTracking, SpatialSeries
from pynwb.epoch import TimeIntervals
from pynwb.image import GrayscaleImage, ImageSeries, IndexSeries
from pynwb.ophys import DfOverF, Fluorescence, ImageSegmentation, OpticalChannel

warnings.simplefilter("ignore")
folder = sys.argv[1]
os.makedirs(folder)
np.save(os.path.join(folder, "..", "outside.npy"), np.zeros((2, 2, 2), np.uint8))
IMAGES = np.stack([np.full((4, 6), 40 * i, np.uint8) for i in range(5)])
NAMES = ["im000", "im031", "im035", "im045", "im054"]


def new():
    return NWBFile(session_description="x", identifier="x", session_start_time=datetime(2031, 1, 1, tzinfo=timezone.utc))


def write(name, file):
    with NWBHDF5IO(os.path.join(folder, name), "w") as io:
        io.write(file)


def index_series(**fields):
    """An IndexSeries over a series, which pynwb only makes for files of former versions."""
    series = IndexSeries.__new__(IndexSeries, in_construct_mode=True)
    series.__init__(**fields)
    series._in_construct_mode = False
    return series


def table(name, rows, columns):
    intervals = TimeIntervals(name=name, description="x")
    for column in columns:
        intervals.add_column(column, "x")
    for row in rows:
        intervals.add_interval(**row)
    return intervals


def channel_of():
    return OpticalChannel(name="c", description="x", emission_lambda=514.0)


def electrodes(file, count):
    device = file.create_device(name="probeA")
    group = file.create_electrode_group("probeA", "x", "VISp", device)
    for column in ["probe_horizontal_position", "probe_vertical_position"]:
        file.add_electrode_column(column, "microns")
    for i in range(count):
        file.add_electrode(x=np.nan, y=np.nan, z=np.nan, location=["VISp", "VISl, layer 2/3"][i % 2], group=group, id=850 + i,
                           probe_horizontal_position=11.0, probe_vertical_position=20.0 * i)


# The layout of the Allen Institute's Visual Behavior recordings with two-photon imaging: an IndexSeries over a template, and the table
# stimulus_presentations with the names of images, omitted ones, and other stimuli. Image k is shown from 10 + 0.75 k for 0.25 s.
file = new()
template = ImageSeries(name="Natural_Images_A", data=IMAGES, unit="NA", format="raw", timestamps=[np.nan] * 5,
                       control=list(range(5)), control_description=NAMES)
file.add_stimulus_template(template)
shown = [i % 5 for i in range(40)]
file.add_stimulus(index_series(name="Natural_Images_A", data=np.array(shown, np.uint32), unit="N/A", indexed_timeseries=template,
                               timestamps=10 + 0.75 * np.arange(40)))
rows = [dict(start_time=10 + 0.75 * i, stop_time=10.25 + 0.75 * i, image_set="Natural_Images_A",
             image_name="omitted" if i == 7 else NAMES[k], omitted=i == 7) for i, k in enumerate(shown)]
rows.append(dict(start_time=60.0, stop_time=65.0, image_set="spontaneous", image_name="", omitted=False))
file.add_time_intervals(table("stimulus_presentations", rows, ["image_set", "image_name", "omitted"]))
channel = channel_of()
plane = file.create_imaging_plane(name="plane", optical_channel=channel, description="x", device=file.create_device(name="scope"),
                                  excitation_lambda=910.0, imaging_rate=10.0, indicator="GCaMP6f", location="VISp")
segmentation = ImageSegmentation(name="image_segmentation")
ophys = file.create_processing_module("ophys", "x")
ophys.add(segmentation)
cells = segmentation.create_plane_segmentation(name="cell_specimen_table", description="x", imaging_plane=plane)
cells.add_column("valid_roi", "x")
for i in range(3):
    mask = np.zeros((8, 8), np.float32)
    mask[i, 2 * i:2 * i + 2] = 1
    cells.add_roi(image_mask=mask, id=1000 + i, valid_roi=i != 1)
region = cells.create_roi_table_region(description="x", region=[0, 1, 2])
# Sample k of cell u is k + 100 u at k / 10 s, so the mean over [10, 10.25) is that of samples 100 to 102. The microscope stops at 30 s.
traces = (np.arange(300)[:, None] + 100 * np.arange(3)).astype(np.float32)
for container, factor in [(DfOverF(name="dff"), 1), (Fluorescence(name="corrected_fluorescence"), 2)]:
    ophys.add(container)
    container.create_roi_response_series(name="traces", data=factor * traces, unit="NA", rois=region, timestamps=np.arange(300) / 10)
running = file.create_processing_module("running", "x")
running.add(TimeSeries(name="speed", data=np.arange(400.0), unit="cm/s", rate=10.0, starting_time=0.0))
running.add(TimeSeries(name="speed_unfiltered", data=np.arange(400.0), unit="cm/s", rate=10.0, starting_time=0.0))
position = np.stack([np.arange(400.0), -np.arange(400.0)], 1)
pupil = SpatialSeries(name="pupil_tracking", data=position, reference_frame="x", unit="meters", timestamps=np.arange(400) / 10)
file.add_acquisition(EyeTracking(name="EyeTracking", spatial_series=pupil))
write("mouse_2p.nwb", file)
with h5py.File(os.path.join(folder, "mouse_2p.nwb"), "r+") as f:  # The Allen Institute's extension of SpatialSeries has areas.
    area = np.arange(400.0)
    area[102:104] = np.nan  # a blink
    f["acquisition/EyeTracking/pupil_tracking/area"] = area

# The layout of the Allen Institute's Neuropixels recordings: several tables of presentations with numbers of frames, -1 for a gray screen.
file = new()
file.add_stimulus_template(ImageSeries(name="natural_scenes", data=IMAGES, unit="NA", format="raw", rate=1.0, starting_time=0.0))
movie = np.stack([np.full((4, 6), i, np.uint8) for i in range(30)])
file.add_stimulus_template(ImageSeries(name="natural_movie_one", data=movie, unit="NA", format="raw", rate=30.0, starting_time=0.0))
rows = [dict(start_time=5 + 0.25 * i, stop_time=5.25 + 0.25 * i, frame=float(i % 6 - 1), stimulus_name="natural_scenes") for i in range(60)]
file.add_time_intervals(table("natural_scenes_presentations", rows, ["frame", "stimulus_name"]))
rows = [dict(start_time=30 + i / 30, stop_time=30 + (i + 1) / 30, frame=float(i % 30), stimulus_name="natural_movie_one") for i in range(90)]
file.add_time_intervals(table("natural_movie_one_presentations", rows, ["frame", "stimulus_name"]))
rows = [dict(start_time=40.0 + i, stop_time=41.0 + i, orientation=45.0 * i) for i in range(8)]
file.add_time_intervals(table("drifting_gratings_presentations", rows, ["orientation"]))
electrodes(file, 4)
file.add_unit_column("quality", "x")
file.add_unit_column("snr", "x")
file.add_unit_column("peak_channel_id", "x")
for u in range(4):
    times = np.concatenate([[5.1, 5.12, 5.3], 30.0 + 0.01 * (u + 1) * np.arange(100)])
    file.add_unit(spike_times=times, id=950 + u, quality="noise" if u == 3 else "good", snr=1.0 + u, peak_channel_id=850 + u)
running = file.create_processing_module("running", "x")
running.add(TimeSeries(name="running_speed", data=np.arange(1000.0), unit="cm/s", rate=20.0, starting_time=0.0))
file.add_invalid_time_interval(start_time=90.0, stop_time=91.0)
write("mouse_npx.nwb", file)

# The same recording with a series that has no rate, and an interval that ends too late.
shutil.copy(os.path.join(folder, "mouse_npx.nwb"), os.path.join(folder, "blind.nwb"))
with h5py.File(os.path.join(folder, "blind.nwb"), "r+") as f:
    del f["processing/running/running_speed/starting_time"].attrs["rate"]
    f["intervals/natural_movie_one_presentations/stop_time"][-1] = 1e300

# The same recording with vectors as MATLAB writes them, matrices of one row or one column.
shutil.copy(os.path.join(folder, "mouse_npx.nwb"), os.path.join(folder, "matlab.nwb"))
with h5py.File(os.path.join(folder, "matlab.nwb"), "r+") as f:
    vectors = []
    f.visititems(lambda name, item: vectors.append(name) if isinstance(item, h5py.Dataset) and item.ndim == 1 else None)
    for i, name in enumerate(name for name in vectors if name.startswith(("intervals", "processing", "units"))):
        values, attributes = f[name][()], dict(f[name].attrs)
        del f[name]
        f[name] = values[None, :] if i % 2 else values[:, None]
        f[name].attrs.update(attributes)

# A movie given once, of which a table shows clips, and a table of images that are in another file.
file = new()
file.add_stimulus_template(ImageSeries(name="walk", data=movie, unit="NA", format="raw", rate=30.0, starting_time=0.0))
rows = [dict(start_time=1.0 + i, stop_time=2.0 + i, start_idx=5 * i, stop_idx=5 * i + 4) for i in range(3)]
file.add_time_intervals(table("clip_presentations", rows, ["start_idx", "stop_idx"]))
file.add_unit(spike_times=np.arange(1, 4, 0.25) + 0.01)
write("rat_clips.nwb", file)
np.save(os.path.join(folder, "images.npy"), 10 + movie[:12])
np.save(os.path.join(folder, "vector.npy"), np.zeros(3))

# Pictures in a container with their order, gaze in degrees with a gap, and pupil size.
file = new()
pictures = [GrayscaleImage(name=f"picture{i}", data=IMAGES[i]) for i in (4, 0, 2)]
images = Images(name="pictures", images=pictures, description="x", order_of_images=ImageReferences(name="order_of_images", data=pictures))
file.add_stimulus_template(images)
file.add_stimulus(IndexSeries(name="flashes", data=np.array([0, 1, 2, 1], np.uint32), unit="N/A", indexed_images=images,
                              timestamps=[1.0, 1.5, 2.0, 12.0]))
electrodes(file, 3)
for u in range(2):
    file.add_unit(spike_times=[1.1 + u, 12.06 + 0.01 * u], electrodes=[u, u + 1])
behavior = file.create_processing_module("behavior", "x")
stamps = np.concatenate([np.arange(0, 1.6, 0.1), np.arange(2.0, 20, 0.1)])
gaze = SpatialSeries(name="eye", data=np.stack([stamps, -stamps], 1), reference_frame="x", unit="degrees", timestamps=stamps)
behavior.add(EyeTracking(name="EyeTracking", spatial_series=gaze))
size = TimeSeries(name="pupil_diameter", data=np.arange(200.0), unit="mm", rate=10.0, starting_time=0.0, conversion=0.001, offset=0.5)
behavior.add(PupilTracking(name="PupilTracking", time_series=size))
behavior.add(TimeSeries(name="licks", data=np.arange(200), unit="count", rate=10.0, starting_time=0.0))
write("cat_flash.nwb", file)

# Movies: colors in floating point, and clips in other files.
file = new()
color = np.zeros((20, 2, 2, 3), np.float32)
color[:, :, :, 0] = np.linspace(-1, 1, 20)[:, None, None]
color[3, 0, 0] = np.nan
file.add_stimulus(ImageSeries(name="color", data=color, unit="NA", format="raw", rate=10.0, starting_time=0.0))
np.save(os.path.join(folder, "clip.npy"), np.arange(40, dtype=np.uint8).reshape(10, 2, 2))
Image.fromarray(np.full((2, 2), 200, np.uint8)).save(os.path.join(folder, "still.png"))
for name, files in [("clips", ["clip.npy"]), ("still", ["still.png"]), ("lost", ["away.npy"]), ("video", ["clip.mp4"]), ("outside", ["../outside.npy"])]:
    file.add_stimulus(ImageSeries(name=name, external_file=files, format="external", starting_frame=[0], unit="NA",
                                  timestamps=np.arange(10 if name == "clips" else 1) / 10))
open(os.path.join(folder, "clip.mp4"), "wb").write(b"x")
file.add_acquisition(TimeSeries(name="binned", data=np.arange(60).reshape(20, 3), unit="spikes", rate=10.0, starting_time=0.0))
file.add_acquisition(TimeSeries(name="coarse", data=np.arange(30).reshape(10, 3), unit="spikes", rate=5.0, starting_time=0.0))
file.add_acquisition(TimeSeries(name="rates", data=np.ones((20, 2)), unit="Hz", rate=10.0, starting_time=0.0))
write("bird_movies.nwb", file)

# A file without frames, and one without responses.
file = new()
file.add_trial(start_time=0.0, stop_time=1.0)
file.add_unit(spike_times=[0.5])
write("plain.nwb", file)
file = new()
file.add_stimulus(ImageSeries(name="noise", data=IMAGES, unit="NA", format="raw", rate=10.0, starting_time=0.0))
write("mute.nwb", file)

# Odd features: two templates in one table, images of 64-bit integers, columns of lists, units that were observed in part, series with
# references to trials, an eye that blinks, masks of pixels, and trials without an end.
file = new()
for name, first in [("left", 10), ("right", 100)]:
    data = first + np.arange(5)[:, None, None] * np.ones((1, 4, 6), np.int64)
    file.add_stimulus_template(ImageSeries(name=name, data=data, unit="NA", format="raw", rate=1.0, starting_time=0.0))
rows = [dict(start_time=i / 2, stop_time=i / 2 + 0.5, stimulus_name=["left", "right"][i % 2], frame=float(i // 2 % 5)) for i in range(40)]
file.add_time_intervals(table("presentations", rows, ["stimulus_name", "frame"]))
file.add_unit_column("tags", "x", index=True)
for u, observed in enumerate([[[0.0, 8.0], [9.0, 20.0]], [[0.0, 20.0]], [[9.0, 20.0]]]):
    file.add_unit(spike_times=np.arange(0.1, 20, 0.5), obs_intervals=observed, tags=["a"] * (u + 1), waveform_mean=np.zeros(3))
eye = SpatialSeries(name="pupil_tracking", data=np.stack([np.arange(400.0), np.arange(400.0)], 1), reference_frame="x", unit="m",
                    rate=20.0, starting_time=0.0)
file.add_acquisition(EyeTracking(name="EyeTracking", spatial_series=eye))
for i in range(10):
    file.add_trial(start_time=2.0 * i, stop_time=2.0 * i + 2, timeseries=[eye])
file.add_acquisition(TimeSeries(name="scores", data=np.random.default_rng(1).normal(size=(400, 3)), unit="a", rate=20.0, starting_time=0.0))
plane = file.create_imaging_plane(name="plane", optical_channel=channel_of(), description="x", device=file.create_device(name="scope"),
                                  excitation_lambda=910.0, imaging_rate=20.0, indicator="GCaMP6f", location="VISp")
segmentation = ImageSegmentation(name="cells")
ophys = file.create_processing_module("ophys", "x")
ophys.add(segmentation)
cells = segmentation.create_plane_segmentation(name="masks", description="x", imaging_plane=plane)
for i in range(2):
    cells.add_roi(pixel_mask=[(i, 4, 1.0), (i + 2, 4, 3.0)])
ophys.add(Fluorescence(name="traces"))
ophys["traces"].create_roi_response_series(name="events", data=np.ones((400, 2)), unit="a", rate=20.0, starting_time=0.0,
                                           rois=cells.create_roi_table_region(description="x", region=[0, 1]))
write("rat_odd.nwb", file)
with h5py.File(os.path.join(folder, "rat_odd.nwb"), "r+") as f:
    f["intervals/trials/stop_time"][0] = np.nan
    blink = f.create_group("acquisition/EyeTracking/likely_blink")
    blink.attrs["neurodata_type"] = "TimeSeries"
    blink["data"] = np.arange(400) < 40
    blink["timestamps"] = np.arange(400) / 20

# The same recording with times of other clocks.
shutil.copy(os.path.join(folder, "rat_odd.nwb"), os.path.join(folder, "rat_late.nwb"))
with h5py.File(os.path.join(folder, "rat_late.nwb"), "r+") as f:
    f["units/spike_times"][:] += 1000
shutil.copy(os.path.join(folder, "bird_movies.nwb"), os.path.join(folder, "bird_lost.nwb"))
with h5py.File(os.path.join(folder, "bird_lost.nwb"), "r+") as f:
    f["stimulus/presentation/clips/timestamps"][4] = np.nan
