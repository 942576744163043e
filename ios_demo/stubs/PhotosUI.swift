// Stand-ins for the members of PhotosUI that the app uses; see CoreGraphics.swift.
@_exported import SwiftUI

public protocol Transferable {}
extension Data: Transferable {}

public struct PhotosPickerItem: Equatable, Hashable, Sendable {
    public func loadTransferable<T: Transferable>(type: T.Type) async throws -> T? { nil }
}

public struct PHPickerFilter: Sendable {
    public static let images = PHPickerFilter()
}

public struct PhotosPicker<Label: View>: View {
    public init(
        selection: Binding<PhotosPickerItem?>, matching: PHPickerFilter?, @ViewBuilder label: () -> Label
    ) {}
    public var body: Never { fatalError() }
}
