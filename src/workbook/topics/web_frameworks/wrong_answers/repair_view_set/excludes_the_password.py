# rejected by: shows_your_own_row
# `exclude` takes out one field and lets all others through, the next one too.
def make_view_set(User):
    from rest_framework import mixins, serializers, viewsets
    from rest_framework.permissions import IsAuthenticated

    class UserSerializer(serializers.ModelSerializer):
        class Meta:
            model = User
            exclude = ["groups", "user_permissions"]
            read_only_fields = ["username", "is_superuser", "is_staff", "first_name"]
            extra_kwargs = {"password": {"write_only": True}}

        def update(self, user, data):
            password = data.pop("password", None)
            if password:
                user.set_password(password)
            return super().update(user, data)

    class UserViewSet(
        mixins.ListModelMixin,
        mixins.RetrieveModelMixin,
        mixins.UpdateModelMixin,
        viewsets.GenericViewSet,
    ):
        serializer_class = UserSerializer
        permission_classes = [IsAuthenticated]

        def get_queryset(self):
            return User.objects.filter(pk=self.request.user.pk)

    return UserViewSet
