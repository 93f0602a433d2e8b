//! `attributes`: which members of an enrollment a caller wants (OSIA-ENR-02b, GS-SEC-05e).

use serde_json::{Map, Value};

use super::model::Enrollment;
use super::store::Parts;
use crate::osia::{Parameters, Refusal};

/// Characters of a name, and names, at most.
const LONGEST: usize = 256;
const MOST: usize = 100;

/// The members asked for; all where none is named. A name is that of a member of the enrollment (`biometricData`) or of its
/// biographic data (`firstName`, `biographicData.firstName`). Names of what is not there are no fault.
pub(super) struct Filter(Vec<String>);

impl Filter {
    /// Reads the query.
    ///
    /// # Errors
    /// [`Refusal::Bad`] for what can be no name, and for more than 100 of them.
    pub(super) fn read(parameters: &Parameters) -> Result<Self, Refusal> {
        let names: Vec<String> = parameters.all("attributes").map(str::to_owned).collect();
        let bad =
            |name: &String| name.is_empty() || name.chars().count() > LONGEST || name.chars().any(char::is_control);
        if names.len() > MOST || names.iter().any(bad) {
            return Err(Refusal::bad(
                "attributes must be at most 100 names of members, each of 1 to 256 characters without control characters",
            ));
        }
        Ok(Self(names))
    }

    fn wants(&self, name: &str) -> bool {
        self.0.is_empty() || self.0.iter().any(|wanted| wanted == name)
    }

    /// Which of the larger parts need to be read for it.
    pub(super) fn parts(&self) -> Parts {
        Parts { biometrics: self.wants("biometricData"), documents: self.wants("documentData") }
    }

    /// What is left of an enrollment. Its id and status always are: the schema requires them.
    pub(super) fn of(&self, enrollment: Enrollment) -> Enrollment {
        let biographic_data = enrollment.biographic_data.and_then(|data| self.biographics(data));
        Enrollment {
            enrollment_id: enrollment.enrollment_id,
            status: enrollment.status,
            enrollment_type: enrollment.enrollment_type.filter(|_| self.wants("enrollmentType")),
            enrollment_flags: enrollment.enrollment_flags.filter(|_| self.wants("enrollmentFlags")),
            request_data: enrollment.request_data.filter(|_| self.wants("requestData")),
            contextual_data: enrollment.contextual_data.filter(|_| self.wants("contextualData")),
            biographic_data,
            biometric_data: enrollment.biometric_data.filter(|_| self.wants("biometricData")),
            document_data: enrollment.document_data.filter(|_| self.wants("documentData")),
            encryption: enrollment.encryption.filter(|_| self.wants("encryption")),
            integrity: enrollment.integrity.filter(|_| self.wants("integrity")),
        }
    }

    fn biographics(&self, data: Value) -> Option<Value> {
        if self.wants("biographicData") {
            return Some(data);
        }
        let Value::Object(members) = data else { return None };
        let wanted = |name: &str| {
            let named = |wanted: &String| wanted.strip_prefix("biographicData.").unwrap_or(wanted) == name;
            self.0.iter().any(named)
        };
        let left: Map<String, Value> = members.into_iter().filter(|(name, _)| wanted(name)).collect();
        (!left.is_empty()).then_some(Value::Object(left))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn left(query: &str) -> Value {
        let enrollment = json!({
            "enrollmentId": "E1", "status": "IN_PROGRESS", "enrollmentType": "citizen",
            "requestData": { "firstName": "not this one" },
            "biographicData": { "firstName": "Jana", "lastName": "Nováková" },
            "biometricData": [{ "biometricType": "FACE" }], "documentData": []
        });
        let enrollment = Enrollment::from_value(enrollment).unwrap();
        serde_json::to_value(Filter::read(&Parameters::read(query)).unwrap().of(enrollment)).unwrap()
    }

    #[test]
    fn osia_enr_02b_only_what_is_asked_for_is_told() {
        assert_eq!(left("").as_object().unwrap().len(), 7);
        let head = json!({ "enrollmentId": "E1", "status": "IN_PROGRESS" });
        assert_eq!(left("attributes=status"), head);
        assert_eq!(left("attributes=colour"), head);
        let mut face = head.clone();
        face["biometricData"] = json!([{ "biometricType": "FACE" }]);
        face["enrollmentType"] = json!("citizen");
        assert_eq!(left("attributes=biometricData&attributes=enrollmentType"), face);
        let mut name = head;
        name["biographicData"] = json!({ "firstName": "Jana" });
        assert_eq!(left("attributes=firstName"), name);
        assert_eq!(left("attributes=biographicData.firstName"), name);
    }

    #[test]
    fn osia_enr_02b_what_is_no_name_is_refused() {
        let many = "attributes=a&".repeat(101);
        for bad in ["attributes=", "attributes=a%00", "attributes=a&attributes=", many.as_str()] {
            assert!(Filter::read(&Parameters::read(bad)).is_err(), "{bad}");
        }
    }
}
