import EdgeStyleKit
import Foundation
import Observation

/// A style as the carousel shows it: of a pack, or the look of a reference picture.
struct StyleChoice: Identifiable, Hashable {
    let pack: String
    let name: String
    let title: String
    let preview: URL?
    let detail: Float

    var id: String { pack + "/" + name }
}

/// What all screens share: the models, the chosen style and strength, and the settings, which are kept.
@MainActor
@Observable
final class Studio {
    private(set) var choices: [StyleChoice] = []
    private(set) var library: ModelLibrary?
    /// Why there are no models; nil where there are.
    private(set) var failure: String?
    private(set) var chosen: StyleChoice?
    /// The chosen style's numbers.
    private(set) var style: StyleVector?
    private(set) var isActive = true
    /// The look of a reference picture, where one was picked.
    private(set) var reference: StyleVector?
    /// What a user has to know, until it is closed.
    var notice: String?
    var strength: Float = 1 { didSet { settings.set(strength, forKey: Key.strength) } }
    var units: ComputeUnits = .all { didSet { settings.set(units.rawValue, forKey: Key.units) } }
    var side: CameraSide = .back { didSet { settings.set(side.rawValue, forKey: Key.side) } }

    private let settings: UserDefaults
    private var told: ComputeUnits?
    private let encoding = Encoding()

    private enum Key {
        static let strength = "strength"
        static let units = "units"
        static let side = "side"
        static let style = "style"
    }

    init(settings: UserDefaults = .standard, folder: URL? = Bundle.main.resourceURL) {
        self.settings = settings
        do {
            let library = try ModelLibrary(folder: folder ?? URL(fileURLWithPath: "/"))
            self.library = library
            choices = Self.choices(in: library)
            restore()
        } catch {
            failure = Messages.text(for: error)
        }
    }

    /// Choose a style; its own strength becomes the slider's.
    func choose(_ choice: StyleChoice, keepsStrength: Bool = false) {
        do {
            let style = try vector(of: choice)
            chosen = choice
            self.style = style
            if !keepsStrength { strength = style.defaultStrength }
            settings.set(choice.id, forKey: Key.style)
        } catch {
            notice = Messages.text(for: error)
        }
    }

    /// Take the look of a reference picture for a style.
    func takeReference(_ data: Data) async {
        guard let library else { return }
        do {
            let (look, placement) = try await encoding.style(of: data, library: library, units: units)
            tell(placement)
            reference = look
            chosen = StyleChoice(pack: Encoding.pack, name: look.name, title: "", preview: nil, detail: 0)
            style = look
            strength = look.defaultStrength
        } catch {
            notice = Messages.text(for: error)
        }
    }

    /// The app came to the front, or went to the back.
    func sceneChanged(isActive: Bool) { self.isActive = isActive }

    /// A renderer for the chosen style's pack.
    ///
    /// - Parameter longSide: of the pictures.
    func renderer(longSide: Int) async throws -> StyleRenderer {
        guard let library, let chosen else { throw ModelError.missingModel("index.json") }
        let renderer = try await Renderers.shared.renderer(
            pack: chosen.pack, longSide: longSide, units: units, in: library)
        tell(renderer.placement)
        return renderer
    }

    /// Say once that something else is used than was asked for.
    func tell(_ placement: Placement) {
        guard placement.fellBack, told != placement.asked else { return }
        told = placement.asked
        notice = String(localized: "\(placement.asked.label) did not start; \(placement.used.label) is used instead.")
    }

    private func vector(of choice: StyleChoice) throws -> StyleVector {
        guard let library else { throw ModelError.missingModel("index.json") }
        if choice.name == reference?.name, let reference { return reference }
        let model = try library.model(.renderer, of: library.index.pack(choice.pack))
        return try model.contract.style(choice.name).with(detail: choice.detail)
    }

    private func restore() {
        if let text = settings.string(forKey: Key.units), let kept = ComputeUnits(rawValue: text) { units = kept }
        if let text = settings.string(forKey: Key.side), let kept = CameraSide(rawValue: text) { side = kept }
        let kept = settings.object(forKey: Key.strength) as? Float
        let id = settings.string(forKey: Key.style)
        if let choice = choices.first(where: { $0.id == id }) ?? choices.first {
            choose(choice, keepsStrength: true)
            strength = kept ?? style?.defaultStrength ?? 1
        }
    }

    private static func choices(in library: ModelLibrary) -> [StyleChoice] {
        library.index.packs.filter { $0.kind == .pictures }.flatMap { pack in
            pack.styles.map { style in
                StyleChoice(
                    pack: pack.name, name: style.name, title: style.title, preview: library.preview(style),
                    detail: style.detail)
            }
        }
    }
}
