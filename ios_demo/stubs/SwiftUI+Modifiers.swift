// Stand-ins for shapes, colours and modifiers of SwiftUI that the app uses; see CoreGraphics.swift.
@_exported import Foundation
@_exported import UIKit

// Shapes and colours

public protocol ShapeStyle: Sendable {}
public protocol Shape: View {}
public struct Color: View, ShapeStyle, Sendable {
    public nonisolated init() {}
    public nonisolated static let black = Color()
    public nonisolated static let white = Color()
    public nonisolated static let yellow = Color()
    public nonisolated static let clear = Color()
    public nonisolated static let red = Color()
    public func opacity(_ value: Double) -> Color { self }
    public var body: Never { fatalError() }
}
extension ShapeStyle where Self == Color {
    public static var white: Color { Color() }
    public static var yellow: Color { Color() }
    public static var red: Color { Color() }
}
extension ShapeStyle where Self == AnyShown {
    public static var regularMaterial: AnyShown { AnyShown() }
    public static var ultraThinMaterial: AnyShown { AnyShown() }
    public static var quaternary: AnyShown { AnyShown() }
    public static var secondary: AnyShown { AnyShown() }
    public static func linearGradient(colors: [Color], startPoint: UnitPoint, endPoint: UnitPoint) -> AnyShown { AnyShown() }
}
public struct UnitPoint: Sendable {
    public static let top = UnitPoint()
    public static let bottom = UnitPoint()
}
public struct RoundedRectangle: Shape {
    public init(cornerRadius: CGFloat) {}
    public func strokeBorder<S: ShapeStyle>(_ style: S, lineWidth: CGFloat) -> some View { self }
    public var body: Never { fatalError() }
}
public struct Circle: Shape {
    public init() {}
    public var body: Never { fatalError() }
}
public struct Capsule: Shape {
    public init() {}
    public var body: Never { fatalError() }
}
extension Shape {
    public func fill<S: ShapeStyle>(_ style: S) -> some View { self }
    public func stroke<S: ShapeStyle>(_ style: S, lineWidth: CGFloat) -> some View { self }
}

// Modifiers

public struct Font: Sendable {
    public static let caption = Font()
    public static let caption2 = Font()
    public static let footnote = Font()
    public static let title2 = Font()
    public func monospacedDigit() -> Font { self }
}
public struct LabelStyleName: Sendable {
    public static let iconOnly = LabelStyleName()
}
public struct ButtonStyleName: Sendable {
    public static let bordered = ButtonStyleName()
    public static let borderedProminent = ButtonStyleName()
}
public struct PickerStyleName: Sendable {
    public static let segmented = PickerStyleName()
    public static let inline = PickerStyleName()
}
public struct TextFieldStyleName: Sendable {
    public static let roundedBorder = TextFieldStyleName()
}
public enum UIKeyboardType: Sendable { case numberPad }
public enum ControlSize: Sendable { case large }
public enum TitleDisplayMode: Sendable { case inline }
public struct ToolbarItemPlacement: Sendable {
    public static let cancellationAction = ToolbarItemPlacement()
    public static let confirmationAction = ToolbarItemPlacement()
}
@MainActor @preconcurrency
public protocol ToolbarContent {}
public struct ToolbarItem<Content: View>: ToolbarContent {
    public init(placement: ToolbarItemPlacement, @ViewBuilder content: () -> Content) {}
}
public struct ToolbarGroup: ToolbarContent {
    public nonisolated init() {}
}
@resultBuilder
public struct ToolbarContentBuilder {
    public static func buildBlock<Content: ToolbarContent>(_ content: Content) -> Content { content }
    public static func buildBlock<A: ToolbarContent, B: ToolbarContent>(_ a: A, _ b: B) -> ToolbarGroup { ToolbarGroup() }
}
public struct AccessibilityTraits: OptionSet, Sendable {
    public static let isSelected = AccessibilityTraits(rawValue: 1)
    public let rawValue: Int
    public init(rawValue: Int) { self.rawValue = rawValue }
}
public struct Edge {
    public struct Set: OptionSet, Sendable {
        public static let all = Set(rawValue: 15)
        public static let horizontal = Set(rawValue: 1)
        public static let vertical = Set(rawValue: 2)
        public static let top = Set(rawValue: 4)
        public static let bottom = Set(rawValue: 8)
        public let rawValue: Int
        public init(rawValue: Int) { self.rawValue = rawValue }
    }
}
public struct NotificationPublisher {}
extension NotificationCenter {
    public func publisher(for name: NSNotification.Name) -> NotificationPublisher { NotificationPublisher() }
}

extension View {
    public func environment<V>(_ path: WritableKeyPath<EnvironmentValues, V>, _ value: V) -> some View { self }
    public func environment<T: AnyObject>(_ object: T?) -> some View { self }
    public func onChange<V: Equatable>(of value: V, _ action: @escaping @MainActor (V, V) -> Void) -> some View { self }
    public func onReceive(_ publisher: NotificationPublisher, perform: @escaping @MainActor (Notification) -> Void) -> some View { self }
    public func task(_ action: @escaping @MainActor @Sendable () async -> Void) -> some View { self }
    public func task<T: Equatable>(id: T, _ action: @escaping @MainActor @Sendable () async -> Void) -> some View { self }
    public func sheet<Item: Identifiable, Content: View>(item: Binding<Item?>, @ViewBuilder content: @escaping (Item) -> Content) -> some View { self }
    public func sheet<Content: View>(isPresented: Binding<Bool>, @ViewBuilder content: @escaping () -> Content) -> some View { self }
    public func tabItem<V: View>(@ViewBuilder _ label: () -> V) -> some View { self }
    public func toolbar<Content: ToolbarContent>(@ToolbarContentBuilder content: () -> Content) -> some View { self }
    public func toolbar<Content: View>(@ViewBuilder content: () -> Content) -> some View { self }
    public func navigationTitle(_ key: LocalizedStringKey) -> some View { self }
    public func navigationBarTitleDisplayMode(_ mode: TitleDisplayMode) -> some View { self }
    public func font(_ font: Font?) -> some View { self }
    public func padding(_ length: CGFloat) -> some View { self }
    public func padding(_ edges: Edge.Set = .all, _ length: CGFloat? = nil) -> some View { self }
    public func frame(width: CGFloat? = nil, height: CGFloat? = nil, alignment: Alignment = .center) -> some View { self }
    public func frame(maxWidth: CGFloat? = nil, maxHeight: CGFloat? = nil, alignment: Alignment = .center) -> some View { self }
    public func background<S: ShapeStyle>(_ style: S) -> some View { self }
    public func background<S: ShapeStyle, T: Shape>(_ style: S, in shape: T) -> some View { self }
    public func overlay<V: View>(alignment: Alignment = .center, @ViewBuilder content: () -> V) -> some View { self }
    public func clipShape<S: Shape>(_ shape: S) -> some View { self }
    public func foregroundStyle<S: ShapeStyle>(_ style: S) -> some View { self }
    public func tint(_ color: Color?) -> some View { self }
    public func scaledToFill() -> some View { self }
    public func scaledToFit() -> some View { self }
    public func ignoresSafeArea(edges: Edge.Set = .all) -> some View { self }
    public func lineLimit(_ lines: Int?) -> some View { self }
    public func disabled(_ disabled: Bool) -> some View { self }
    public func tag<V: Hashable>(_ value: V) -> some View { self }
    public func controlSize(_ size: ControlSize) -> some View { self }
    public func labelStyle(_ style: LabelStyleName) -> some View { self }
    public func buttonStyle(_ style: ButtonStyleName) -> some View { self }
    public func pickerStyle(_ style: PickerStyleName) -> some View { self }
    public func textFieldStyle(_ style: TextFieldStyleName) -> some View { self }
    public func keyboardType(_ type: UIKeyboardType) -> some View { self }
    public func accessibilityLabel(_ key: LocalizedStringKey) -> some View { self }
    public func accessibilityHint(_ key: LocalizedStringKey) -> some View { self }
    public func accessibilityValue(_ text: Text) -> some View { self }
    public func accessibilityHidden(_ hidden: Bool) -> some View { self }
    public func accessibilityAddTraits(_ traits: AccessibilityTraits) -> some View { self }
    public func onLongPressGesture(
        minimumDuration: Double, perform: @escaping @MainActor () -> Void,
        onPressingChanged: (@MainActor (Bool) -> Void)?
    ) -> some View { self }
}
