import CVarveClock
import Glibc
import Varve

/// Logs in the parent, in a child that it forks in the middle, and in a grandchild; then all end without a close.
///
/// Counter 0 is the parent's, 1 the child's, 2 the grandchild's.
func logAcrossForks(_ run: Run, _ acknowledgements: Acknowledgements) throws -> Never {
    let parent = try run.series("t0")
    let child = try run.series("t1")
    let grandchild = try run.series("t2")
    func log(_ series: Series, _ thread: Int, _ steps: Range<Int>) {
        for step in steps {
            series.log(value(thread, step), step: step)
            acknowledgements.set(thread, step + 1)
        }
    }
    // Enough that drains are under way while the process forks.
    log(parent, 0, 0..<40_000)
    let first = varve_fork()
    if first == 0 {
        log(child, 1, 0..<3000)
        let second = varve_fork()
        if second == 0 {
            log(grandchild, 2, 0..<5000)
            _exit(0)
        }
        log(child, 1, 3000..<6000)
        var status: Int32 = 0
        waitpid(second, &status, 0)
        _exit(0)
    }
    log(parent, 0, 40_000..<80_000)
    var status: Int32 = 0
    waitpid(first, &status, 0)
    _exit(status == 0 ? 0 : 4)
}
