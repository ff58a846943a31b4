import Testing

@testable import VarveCLI
