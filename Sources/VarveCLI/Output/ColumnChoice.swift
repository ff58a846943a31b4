import Varve

/// Which columns of a list are shown, and in which order.
struct ColumnChoice {
    let columns: [Column]
    /// Their places among all; nil: all as they are.
    private let places: [Int]?

    /// - Parameter names: keys of columns, or their titles: `lr` is `params.lr`; nil: all of them.
    init(_ names: [String]?, among all: [Column]) throws {
        guard let names else {
            (columns, places) = (all, nil)
            return
        }
        let places = try names.map { name in
            let place =
                all.firstIndex { $0.key.hasSameBytes(as: name) } ?? all.firstIndex { $0.title.hasSameBytes(as: name) }
            guard let place else {
                let nearest = nearestName(to: name, among: all.map(\.key) + all.map(\.title))
                throw VarveError(
                    .invalid, "there is no column '\(name)'",
                    remedy: nearest.map { "did you mean '\($0)'?" } ?? "--format tsv shows all, with their names")
            }
            return place
        }
        columns = places.map { place in
            var column = all[place]
            (column.isOptional, column.isForMachines) = (false, false)
            return column
        }
        self.places = places
    }

    /// The cells of these columns.
    func cells(_ all: [Cell]) -> [Cell] { places.map { $0.map { all[$0] } } ?? all }
}
