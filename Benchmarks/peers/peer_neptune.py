"""neptune-scale, mode="offline": it writes serialized operations into a SQLite file under log_directory, to be sent later with
`neptune sync`. It has no reader for that file; counting parses the operations with its own protobuf classes."""
import glob, logging, os
from pathlib import Path
from common import Peer
from verbs import main


class Neptune(Peer):
    name, packages = "neptune-offline", ["neptune-scale"]
    setting = "mode=offline, enable_console_log_capture=False, source tracking off"

    def start(self, store, run):
        os.makedirs(store, exist_ok=True)
        import neptune_scale as n
        self.run = n.Run(mode="offline", project="w/p", run_id="run-00000", log_directory=store,
                         enable_console_log_capture=False, source_tracking_config=None)

    def tracker(self):
        log = self.run.log_metrics

        def track(value, name, context, step):
            log({f"{context}/{name}" if context else name: value}, step=step)
        return track

    def step_tracker(self):
        log = self.run.log_metrics
        return lambda row, step: log(row, step=step)

    def finish(self):
        self.run.close()

    def count(self, store):
        from neptune_scale.sync.operations_repository import OperationsRepository, OperationType
        n = 0
        for db in glob.glob(os.path.join(store, "**", "*.sqlite*"), recursive=True):
            if db.endswith(("-wal", "-shm", "-journal")):
                continue
            repo, after = OperationsRepository(db_path=Path(db)), {}
            while ops := repo.get_operations(up_to_bytes=15 * 2**20, **after):
                n += sum(len(op.operation.append) for op in ops if op.operation_type == OperationType.UPDATE_SNAPSHOT)
                after = {"from_exclusive": ops[-1].sequence_id}
        return n


if __name__ == "__main__":
    main(Neptune, __file__)
