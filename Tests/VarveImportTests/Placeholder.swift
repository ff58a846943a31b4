import Testing

@testable import VarveImport
