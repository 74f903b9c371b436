"""What `encoder_kernels.py` reads from NVIDIA's profiler; its other parts need a GPU."""

from benchmarks.encoder_kernels import by_kernel

# As ncu 2025.3.1 wrote it on an H200, without columns that are not read.
CSV = """\
==PROF== Disconnected from process 771
"ID","Kernel Name","Metric Name","Metric Unit","Metric Value"
"0","void flash::prepare<1, 0>(int, int)","dram__bytes.sum","byte","6,912"
"0","void flash::prepare<1, 0>(int, int)","gpu__time_duration.sum","ns","2,592"
"1","nvjet_sm90_tst_256x152","sm__warps_active.avg.pct_of_peak_sustained_active","%","14.77"
"""


def test_counters_are_read_by_kernel() -> None:
    assert by_kernel(CSV) == {
        "0: void flash::prepare<1, 0>(int, int)": {"bytes": 6912.0, "nanoseconds": 2592.0},
        "1: nvjet_sm90_tst_256x152": {"occupancy_percent": 14.77},
    }
    assert by_kernel("==ERROR== The user does not have permission") == {}
