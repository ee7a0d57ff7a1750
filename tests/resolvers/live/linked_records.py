"""Records of several processes that share a store, all in this one."""

from providers.kit.shared.durable_records import DurableRecords
from providers.kit.shared.memory_records import MemoryRecords
from providers.kit.shared.record_backend import LogKind, RecordKind


class LinkedRecords(DurableRecords):
    """The records of one process; those of the others hear what it publishes."""

    def __init__(self, backend: MemoryRecords, others: "list[LinkedRecords]") -> None:
        super().__init__(backend=backend)
        self._others = others
        others.append(self)

    def publish_change(self, kind: RecordKind | LogKind, owner: str) -> None:
        """Call the listeners of all processes."""
        for records in self._others:
            for listener in records.change_listeners:
                listener(kind.name, owner)


def link_records(count: int) -> list[LinkedRecords]:
    """Create the records of so many processes."""
    backend, linked = MemoryRecords(), list[LinkedRecords]()
    for _ in range(count):
        LinkedRecords(backend, linked)
    # The names are the same only with one cipher.
    for each in linked[1:]:
        vars(each)["_store"] = vars(linked[0])["_store"]
    return linked
