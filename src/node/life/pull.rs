//! Images: whether one is pulled, how long that takes, and what comes of a pull that fails.
//!
//! P36–P41. A pull that fails is tried again for ever, at the ordinary pace of failing syncs; the
//! pod stays as it is. The containers of a pod share the back-off of an image.

use super::status::Waiting;
use super::{Life, Scene, Work};
use crate::base::Span;
use crate::model::{ImageName, ImageState, PodNews, PullPolicy};
use crate::node::pace::{Delay, Draw};
use crate::node::surroundings::Outside;

/// What is to be done about an image.
enum Need {
    /// Nothing.
    Nothing,
    /// It may not be pulled.
    Forbidden,
    /// The registry is asked, which is all there is to do.
    Asking {
        fails: bool,
    },
    Pulling,
}

fn need(state: ImageState, policy: PullPolicy, verifies: bool) -> Need {
    match (state, policy) {
        (ImageState::Present, PullPolicy::IfNotPresent | PullPolicy::Never) => Need::Nothing,
        (ImageState::Unverified, PullPolicy::IfNotPresent | PullPolicy::Never) if !verifies => {
            Need::Nothing
        }
        (_, PullPolicy::Never) => Need::Forbidden,
        (ImageState::Present | ImageState::Unverified, _) => Need::Asking { fails: false },
        (ImageState::Unpullable, _) => Need::Asking { fails: true },
        (ImageState::Pullable, _) => Need::Pulling,
    }
}

/// Whether that is no name of an image (P5).
pub(in crate::node) fn is_bad(image: &str) -> bool {
    !image.is_empty() && ImageName::parse(image).is_none()
}

impl Life {
    /// Sees to the container's image, and goes on with its creation; whether it goes on.
    pub(super) fn begin_pull<O: Outside>(
        &mut self,
        scene: &mut Scene<'_, '_, O>,
        place: usize,
    ) -> bool {
        let (spec, now) = (scene.spec(place), scene.now);
        let image = spec.image.as_str();
        if scene.chart.bad_images && is_bad(image) {
            self.start_failed(place, Waiting::InvalidImageName);
            return false;
        }
        let state = scene.cx.outside.image(now, self.node, image, self.job);
        let policy = spec.image_pull_policy;
        let (takes, what, fails): (&Delay, Draw, bool) =
            match need(state, policy, scene.facts.verifies_pulled_images) {
                Need::Nothing => return self.create(scene, place),
                Need::Forbidden => {
                    let known = self.containers[place].reason;
                    self.start_failed(place, Waiting::ErrImageNeverPull);
                    if known != Some(Waiting::ErrImageNeverPull) {
                        let news = PodNews::PullForbidden(scene.slot(place));
                        scene.news(self.id, news);
                    }
                    return false;
                }
                Need::Asking { fails } => (&scene.pace.registry, Draw::Registry, fails),
                Need::Pulling => (scene.pace.pull_of(image), Draw::Pull, false),
            };
        let first = scene.chart.images[place];
        let it = &mut self.containers[first];
        if let Some(until) = it.pull.holds_pull(now) {
            let known = self.containers[place].reason;
            self.start_failed(place, Waiting::ImagePullBackOff);
            if known != Some(Waiting::ImagePullBackOff) {
                let news = PodNews::PullBackOff(scene.slot(place), until.since(now));
                scene.news(self.id, news);
            }
            return false;
        }
        it.pulls += 1;
        let nth = it.pulls;
        let takes = self.draw(scene, takes, what, first, nth);
        if takes > Span::ZERO {
            let news = PodNews::Pulling(scene.slot(place));
            scene.news(self.id, news);
        } else if !fails {
            scene.cx.outside.pulled(now, self.node, image, self.job);
            return self.create(scene, place);
        }
        self.pulls_since = now;
        let end = scene.cx.outside.pull_ends(now, self.node, takes);
        self.work = Work::Pulling {
            place,
            until: end.at.max(now),
            fails: fails || end.refused,
        };
        true
    }

    /// A pull has come to its end.
    pub(super) fn pull_is_over<O: Outside>(
        &mut self,
        scene: &mut Scene<'_, '_, O>,
        place: usize,
        fails: bool,
    ) {
        let now = scene.now;
        self.work = Work::None;
        if fails {
            self.containers[scene.chart.images[place]]
                .pull
                .pull_failed(now);
            self.start_failed(place, Waiting::ErrImagePull);
            let news = PodNews::PullFailed(scene.slot(place));
            scene.news(self.id, news);
            self.go_on_after(scene, place, false);
            return;
        }
        let image = scene.spec(place).image.as_str();
        scene.cx.outside.pulled(now, self.node, image, self.job);
        let news = PodNews::Pulled(scene.slot(place), now.since(self.pulls_since));
        scene.news(self.id, news);
        if !self.create(scene, place) {
            self.go_on_after(scene, place, false);
        }
    }
}
