import Foundation

/// Any JSON, for reading what strangers wrote: nothing is trusted before its type was asked for.
enum JSONValue: Decodable, Sendable {
    case null
    case bool(Bool)
    case number(Double)
    case text(String)
    case list([JSONValue])
    case object([String: JSONValue])

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode(String.self) {
            self = .text(value)
        } else if let value = try? container.decode([JSONValue].self) {
            self = .list(value)
        } else {
            self = .object(try container.decode([String: JSONValue].self))
        }
    }

    /// Read a text. Throws `ModelError.notJSON`.
    static func read(_ data: Data) throws(ModelError) -> JSONValue {
        do {
            return try JSONDecoder().decode(JSONValue.self, from: data)
        } catch {
            throw .notJSON
        }
    }

    /// The fields of an object. Throws `ModelError.wrongType`.
    func fields(_ name: String) throws(ModelError) -> [String: JSONValue] {
        guard case .object(let fields) = self else { throw .wrongType(name) }
        return fields
    }

    /// A list's values. Throws `ModelError.wrongType`.
    func values(_ name: String) throws(ModelError) -> [JSONValue] {
        guard case .list(let values) = self else { throw .wrongType(name) }
        return values
    }

    /// A text. Throws `ModelError.wrongType`.
    func string(_ name: String) throws(ModelError) -> String {
        guard case .text(let text) = self else { throw .wrongType(name) }
        return text
    }

    /// A number. Throws `ModelError.wrongType`.
    func double(_ name: String) throws(ModelError) -> Double {
        guard case .number(let number) = self else { throw .wrongType(name) }
        return number
    }

    /// A whole number of at most 53 bits. Throws `ModelError.wrongType`.
    func int(_ name: String) throws(ModelError) -> Int {
        let number = try double(name)
        guard number == number.rounded(), abs(number) < 9e15 else { throw .wrongType(name) }
        return Int(number)
    }
}

extension [String: JSONValue] {
    /// A field that has to be there. Throws `ModelError.missingField`.
    func need(_ key: String) throws(ModelError) -> JSONValue {
        guard let value = self[key] else { throw .missingField(key) }
        return value
    }
}
