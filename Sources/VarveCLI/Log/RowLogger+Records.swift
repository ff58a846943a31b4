import Varve
import VarveImport

extension RowLogger {
    /// A line that ``RecordLine`` knows.
    mutating func logRecord(_ object: JSONObject, line: Int) throws(VarveError) {
        var pairs = context
        for member in object["context"]?.objectValue?.members ?? [] {
            pairs[member.key] = member.value.stringValue ?? member.value.text
        }
        let content: Record.Content
        do throws(VarveError) {
            content = try RecordLine.content(object)
        } catch {
            return refuse("line \(line): \(error)")
        }
        // Not counted as a row: a record without a step has none.
        let step = object[names.step ?? "step"].flatMap { $0 == .null ? nil : $0 }
        let number = if let step { try self.step(step, line: line) } else { Int?.none }
        let usual = if case .classReport = content { "report" } else { "confusion" }
        let name = object["metric"]?.stringValue ?? usual
        do throws(VarveError) {
            try run.log(
                content, name: name, step: number, context: pairs,
                time: time(object[names.time ?? "time"], line: line))
        } catch {
            guard error.code == .limit || error.code == .invalid else { throw error }
            return refuse("line \(line): \(error)")
        }
        records += 1
    }
}
